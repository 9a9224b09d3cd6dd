"""One folder a context; every context has the same file names. Contexts meet only through events and the kernel."""
