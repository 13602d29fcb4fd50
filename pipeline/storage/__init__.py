"""Files and databases: workspace, manifests, run lock, tables, object storage."""
