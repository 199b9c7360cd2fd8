//! Effects in order: read the files, observe the tenant, run an approved plan, watch a folder.
