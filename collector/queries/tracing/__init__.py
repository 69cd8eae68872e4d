"""One trace: its tree, clocks, critical path and what is derived from them. Rows are spans in depth-first preorder."""
