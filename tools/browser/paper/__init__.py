"""PDFs as top-level documents: their bytes as the page has them, their text by a process of its own."""
