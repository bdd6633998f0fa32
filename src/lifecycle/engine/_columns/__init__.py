"""Replay of many customers in columns: the k-th event of each customer at once, with numpy."""
