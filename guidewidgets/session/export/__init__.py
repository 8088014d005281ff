"""Sessions for people without a kernel: a page, a zip of pictures, a contact sheet."""
