"""The index on an Elasticsearch cluster (servers 8.19 and 9.x).

    engine (the port) ─► query (plan to JSON) ─► client (hosts, keys, what is asked again)
                      ─► bulk (documents out, item by item) ─► client
                      ─► remembered (how frequent words are)
                      ─► indices (aliases, fresh indices) ─► lease (one rebuild at a time) ─► client

Reads go through ``<alias>`` and writes through ``<alias>-write``; both lead to one index ``<alias>-v<schema>-<n>``.
"""

from faldone.search.elasticsearch.engine import ElasticsearchIndex

__all__ = ["ElasticsearchIndex"]
