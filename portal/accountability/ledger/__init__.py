"""Opens breaches with their duties and keeps the sum of all duties."""
