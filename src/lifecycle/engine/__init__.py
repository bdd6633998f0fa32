"""The stage engine: definitions, customers and events in, stage changes out."""
