"""Takes orders: a saga over inventory and payments, kept in a database of its own."""
