import { debian, emulated, plainMake, tools, url } from "../lib/linux/mod.ts"

const sha256 = "5ce12a0fec6b212725ef218735941b2dab76244db7e72646a76021b0537b43ab"
const words = [
  'CC="$CC" HOSTCC="$HOSTCC" AR="$AR" CCOPTS="$CFLAGS" KERNEL_INCLUDE="$SYSROOT/usr/include" SBINDIR=/usr/sbin',
  // Plug-ins are linked in. Without libmnl, what is configured by nothing but netlink's newer interfaces is left out.
  'SHARED_LIBS=n SUBDIRS="lib ip tc bridge genl misc"',
]

export default plainMake({
  name: "iproute2",
  version: "6.1.0",
  about: "network interfaces, addresses, routes, queues and sockets",
  license: "GPL-2.0-or-later",
  source: [
    url("https://cdn.kernel.org/pub/linux/utils/net/iproute2/iproute2-6.1.0.tar.xz", sha256),
    debian("iproute2", sha256),
  ],
  patches: ["iproute2/genl.patch"],
  tools: [tools.bison, tools.flex, tools.hostLibraries, tools.m4, tools.pkgConfig],
  // It takes basename() from string.h, where musl no longer has it.
  flags: ["-include libgen.h"],
  without: ["usr/share/bash-completion"],
  seconds: 50,
  // It looks for what can be compiled and linked.
  prepare: () => "./configure",
  make: words,
  // Everything runs in a network of its own. Upstream's tests come after what every kernel can do; what one of them asks for that the
  // kernel lacks is said and left out, and its dummy interfaces, which many kernels lack, are of type veth. Without ip/netns (it wants to
  // mount below /run), show_dev_wo_vf_rate (it wants libmnl), and what only prints, of queues that Linux has no more.
  checkTools: [tools.python],
  check: () => `cat >namespace <<'END'
#!/usr/bin/env python3
import ctypes, os, sys
uid, gid, CLONE_NEWUSER, CLONE_NEWNET = os.getuid(), os.getgid(), 0x10000000, 0x40000000
ctypes.CDLL(None).unshare(CLONE_NEWUSER | CLONE_NEWNET)
for name, text in ("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1"):
    with open("/proc/self/" + name, "w") as file:
        file.write(text)
os.execvp(sys.argv[1], sys.argv[1:])
END
cat >basics <<'END'
seen() { grep -e "$1" found || { cat found; echo "not seen: $1"; exit 1; }; }
ip/ip link set lo up && ip/ip -o link show lo >found && seen 'LOOPBACK,UP'
printf 'address add 10.1.2.3/24 dev lo label lo:one\\nroute add 10.9.0.0/16 via 10.1.2.4\\nroute add blackhole 10.8.0.0/16\\n' >batch
ip/ip -batch batch
ip/ip -json address show lo >found && seen '"local":"10.1.2.3","prefixlen":24,"scope":"global","label":"lo:one"'
ip/ip route show 10.9.0.0/16 >found && seen '^10.9.0.0/16 via 10.1.2.4 dev lo'
ip/ip route show type blackhole >found && seen '^blackhole 10.8.0.0/16'
ip/ip rule add from 10.1.2.3 table 100 priority 50 && ip/ip rule >found && seen '^50:.from 10.1.2.3 lookup 100'
if ip/ip address add 10.1.2.3/24 dev lo 2>found; then false; else seen 'File exists'; fi
if ip/ip route add 10.300.0.0/16 dev lo 2>found; then false; else seen '10.300.0.0/16'; fi
misc/nstat -az >found && seen '^IpInReceives' && ip/ip address flush dev lo && ip/ip -4 address show lo >found && [ ! -s found ]
tc/tc qdisc add dev lo root handle 7: pfifo limit 9 && tc/tc qdisc show dev lo >found && seen 'qdisc pfifo 7: root .*limit 9p'
tc/tc -json qdisc show dev lo >found && seen '"kind":"pfifo","handle":"7:","root":true'
bridge/bridge -json link >found && seen '^\\[\\]' && genl/genl ctrl list >found && seen 'Name: nlctrl' && seen 'ID-0x3'
END
${emulated("ip/ip", "tc/tc", "bridge/bridge", "genl/genl", "misc/ss", "misc/nstat")}chmod +x namespace && ./namespace sh -e basics
cp -R testsuite tests && cd tests && sed -i 's/type dummy/type veth/' $(find tests -name '*.t')
export IP=../ip/ip TC=../tc/tc BRIDGE=../bridge/bridge SS=../misc/ss ERRF=errors STD_ERR=err STD_OUT=out DEV=lo
links="ip/link/new_link ip/link/add_type_xfrm ip/link/add_type_bareudp ip/tunnel/add_tunnel bridge/vlan/tunnelshow"
for test in $links ip/route/add_default_route ip/rule/dsfield tc/batch tc/pedit tc/mpls tc/flower_mpls tc/vlan ss/ssfilter; do
  rm -f errors && ../namespace sh tests/$test.t >log 2>&1
  if [ ! -e errors ]; then echo "$test: passed"
  elif grep 'answers: Not supported\\|answers: Operation not supported\\|answers: No such file\\|failed: No such device' errors | head -n 1; then echo "$test: left out"
  else cat log errors; exit 1; fi
done`,
})
