"""A real Elasticsearch node for the tests, assembled once from Maven artifacts (see :mod:`elasticsearch_node.node`)."""
