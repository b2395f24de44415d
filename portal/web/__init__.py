"""The edge: answers, words, headers, forms. Knows no feature."""
