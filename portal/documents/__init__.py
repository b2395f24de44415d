"""Official letters by Decree 30/2020, the content-addressed file store, and the number registers."""
