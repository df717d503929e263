"""The paper's Tables 1 to 6 as data."""
