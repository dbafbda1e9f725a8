"""The spine: one file a step, plain functions over ports.

Read the six steps first, in their order: ``intake/take_in``, ``intake/open_source``, ``intake/look``,
``recognition/recognise``, ``filing/attribute``, ``search/index``. Beside them stands what people ask and say. The
folders stand on each other as the import contract «The spine in its order» has it.
"""
