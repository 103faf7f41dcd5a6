// The network of a system: how it gets its address, and how QEMU leads to it from the build machine's loopback.

import { createServer } from "node:net"
import { addressError, portTakenError, valueFormError } from "../graph/errors.ts"
import { checkText, tick } from "../graph/shape.ts"
import { choice, type Values, type Variable } from "../graph/variable.ts"

/** A variable of a form that cannot be listed. */
const formed = (standard: string, about: string, isSound: (typed: string) => boolean, expected: string) =>
  ({
    about,
    default: standard,
    values: undefined,
    parse(name, typed) {
      if (!isSound(typed)) throw valueFormError(name, typed, expected)
      return typed
    },
    check: (name, given) => checkText(given, () => tick(name)),
  }) satisfies Variable<string>

/** A leading zero makes it octal to some. */
const isAddress = (typed: string): boolean =>
  /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(typed) && typed.split(".").every((part) => Number(part) < 256)

/** The bits of the widest net that QEMU makes. */
const widestNet = 4

function isAddressOfNet(typed: string): boolean {
  const [address = "", bits = "", ...rest] = typed.split("/")
  return (
    isAddress(address) && /^\d{1,2}$/.test(bits) && Number(bits) >= widestNet && Number(bits) < 31 && rest.length === 0
  )
}

const isPort = (typed: string): boolean => /^[1-9]\d{0,4}$/.test(typed) && Number(typed) < 2 ** 16

/** The word for whoever is the way out. */
const router = "router"

/** The variables of a system's network. The standard addresses are those of QEMU's own network. */
export const networkVariables = {
  USE_DHCP: choice(
    ["yes", "no"],
    "whether a system that has a network asks for its address; no: the next three say what it would be told",
  ),
  LOCAL_IP: formed(
    "10.0.2.15/24",
    "its address",
    isAddressOfNet,
    "an address and the bits of its net, as `10.0.2.15/24`",
  ),
  ROUTER_IP: formed("10.0.2.2", "the way out of its net", isAddress, "an address, as `10.0.2.2`"),
  NAME_SERVER: formed(
    router,
    "whom it asks for the addresses of names; router: the way out",
    (typed) => typed === router || isAddress(typed),
    "an address, as `10.0.2.3`, or `router`",
  ),
  SSH_PORT: formed("2222", "where `qemu` has its SSH on 127.0.0.1", isPort, "a number from 1 to 65535"),
} as const

/** How a system gets its address. */
export type Network = Values<typeof networkVariables>

/** What holds where nothing was typed. */
export const standardNetwork = Object.fromEntries(
  Object.entries(networkVariables).map(([name, variable]) => [name, variable.default]),
) as Network

/** The address that a system without DHCP asks for those of names. */
export const nameServerOf = ({ NAME_SERVER, ROUTER_IP }: Network): string =>
  NAME_SERVER === router ? ROUTER_IP : NAME_SERVER

const numberOf = (address: string): number => address.split(".").reduce((all, part) => all * 256 + Number(part), 0)
const addressOf = (number: number): string =>
  [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join(".")

/** The address without the bits of its net, these, and the first and the last address of that net. */
function netOf(LOCAL_IP: string) {
  const [local = "", bits = ""] = LOCAL_IP.split("/")
  const size = 2 ** (32 - Number(bits))
  const first = Math.floor(numberOf(local) / size) * size
  return { local, bits, first, last: first + size - 1 }
}

/** Throws a BuildError for addresses that do not make a net together; those of a system that asks for its address do not count. */
export function checkNetwork(network: Network): void {
  const { USE_DHCP, LOCAL_IP, ROUTER_IP } = network
  if (USE_DHCP === "yes") return
  const { local, bits, first, last } = netOf(LOCAL_IP)
  const net = `${addressOf(first)}/${bits}`
  const check = (name: string, typed: string, address: string) => {
    const number = numberOf(address)
    const faults = [
      [name !== "NAME_SERVER" && (number < first || number > last), "outside the net of `LOCAL_IP`"],
      [number === first, "the net itself"],
      [number === last, "the net's broadcast address"],
      [name === "ROUTER_IP" && address === local, "`LOCAL_IP`"],
    ] as const
    const [, is] = faults.find(([holds]) => holds) ?? []
    if (is !== undefined)
      throw addressError(name, typed, { is, net, hosts: [addressOf(first + 1), addressOf(last - 1)] })
  }
  check("LOCAL_IP", LOCAL_IP, local)
  check("ROUTER_IP", ROUTER_IP, ROUTER_IP)
  check("NAME_SERVER", network.NAME_SERVER, nameServerOf(network))
}

const sshPort = 22

/** Options of the kernel that such a network takes. */
export const networkOptions = "NET PACKET INET VIRTIO_PCI VIRTIO_NET"

/**
 * What QEMU is told of a net that is not its own: it has a name server in it as well, which must be neither of the two. Both of its
 * addresses are a way out, so that one that is router and name server is QEMU's name server, as long as a third is left for the other.
 */
function addressesOf(network: Network): string {
  const { LOCAL_IP, ROUTER_IP } = network
  const { local, first, last } = netOf(LOCAL_IP)
  const asked = nameServerOf(network)
  const free = [1, 2, 3].map((n) => first + n).find((n) => addressOf(n) !== local && addressOf(n) !== ROUTER_IP) ?? last
  const isRouter = asked === ROUTER_IP
  const isHere = isRouter ? free < last : asked !== local && first < numberOf(asked) && numberOf(asked) < last
  const [host, dns] = [isRouter && isHere ? addressOf(free) : ROUTER_IP, isHere ? asked : addressOf(free)]
  return `,net=${LOCAL_IP},host=${host},dns=${dns},dhcpstart=${local}`
}

/** QEMU's arguments for a network of its own, in which a port of 127.0.0.1 leads to the system's SSH. */
export function netArguments(network: Network, port: number, isClosed = false): string[] {
  const addresses = network.USE_DHCP === "yes" ? "" : addressesOf(network)
  const net = `user,id=net${isClosed ? ",restrict=on" : ""}${addresses},hostfwd=tcp:127.0.0.1:${port}-:${sshPort}`
  return ["-netdev", net, "-device", "virtio-net-pci,netdev=net,romfile="]
}

/** A port of 127.0.0.1 that nobody listens on. */
export const freePort = (): Promise<number> => listening(0)

/** Throws a BuildError if somebody listens on this port of 127.0.0.1. */
export async function checkPort(port: string): Promise<void> {
  await listening(Number(port)).catch((thrown: NodeJS.ErrnoException) => {
    throw portTakenError(port, thrown.code ?? thrown.message)
  })
}

/** Listens for a moment, and gives the port. */
const listening = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", reject)
    server.listen({ port, host: "127.0.0.1" }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0))
    })
  })
