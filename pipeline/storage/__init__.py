"""Files and databases: workspace, manifests, locks, tables, object storage."""
