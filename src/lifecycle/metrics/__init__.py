"""Calculators: numbers in, numbers out; they know no stage machine."""
