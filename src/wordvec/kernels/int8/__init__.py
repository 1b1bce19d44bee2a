"""Int8 search: which rows of a matrix may be near a query, from int8 products and a bound on what rounding hides."""
