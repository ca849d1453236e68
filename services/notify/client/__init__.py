"""An HTTP/1.1 client for deliveries: short requests, bounded answers, connections kept open.

A general client costs more CPU than all else that a delivery needs (see
decision 43). What is here knows what deliveries need and no more: no
redirects, no cookies, no unpacking, no streams.
"""
