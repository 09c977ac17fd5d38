# What other machines send through this one for port 80 or 443 goes to the
# transparent listener on loopback, which the interface has to be allowed.
echo 1 >/proc/sys/net/ipv4/conf/eth1/route_localnet
nft -f - <<-RULES
	table ip groovechaos {
		chain prerouting {
			type nat hook prerouting priority -100
			iifname eth1 tcp dport { 80, 443 } dnat to 127.0.0.1:7714
		}
	}
RULES
