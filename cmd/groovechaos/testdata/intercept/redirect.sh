# The same as redirect.nft by iptables.
iptables -t nat -A OUTPUT -p tcp -m multiport --dports 80,443 -m owner ! --gid-owner GROUP -j REDIRECT --to-ports 7714
