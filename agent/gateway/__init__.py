"""The gateway: calls of whatever is not Python, or is elsewhere, under the same budget.

It speaks as the providers do and passes on what comes: `routes` says where, `heads` what of the
headers, `calls` admits and `relay` carries one call over; `remote` is for guards on other machines,
`doors` and `protocol` for those who connect.
"""
