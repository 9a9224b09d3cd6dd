"""iSCSI over SCST. Nothing is implemented here yet."""
