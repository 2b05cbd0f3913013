"""Asking other machines: names, connections and one HTTP exchange, all within one deadline.

On sockets and http.client, which the agent has loaded anyway. A client library
would resolve the name a second time, follow redirects and read proxies from the environment.
"""
