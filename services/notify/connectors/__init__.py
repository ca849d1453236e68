"""How a delivery becomes an HTTP request: one module for each type of endpoint."""
