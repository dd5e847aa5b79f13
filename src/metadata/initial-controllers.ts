import { parseUuid, type Uuid } from '../base/index.ts'
import { kraftVersionMax, kraftVersionMin, type Voter } from '../raft/index.ts'

/** A voter as `--initial-controllers` names it: `id@host:port:directory` (KIP-853, DynamicVoter). */
export interface InitialController {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly directoryId: Uuid
}

/** `[…]` around the host of an IPv6 address. */
const form = /^(\d{1,10})@(?:\[([^\]]*)\]|([^:]*)):(\d{1,5}):(.*)$/

/** A list separated by commas, or what is wrong with it. */
export const parseInitialControllers = (text: string): readonly InitialController[] | string => {
  const controllers = new Map<number, InitialController>()
  for (const part of text.trim().split(',')) {
    if (part === '') continue
    const controller = parseOne(part.trim())
    if (typeof controller === 'string') return controller
    if (controllers.has(controller.nodeId)) return `Node id ${controller.nodeId} was specified more than once.`
    controllers.set(controller.nodeId, controller)
  }
  if (controllers.size === 0) return 'No voters given.'
  return [...controllers.values()].sort((a, b) => a.nodeId - b.nodeId)
}

const parseOne = (text: string): InitialController | string => {
  const match = form.exec(text)
  if (match === null) return `'${text}' is not of the form id@host:port:directory`
  const nodeId = Number(match[1])
  const host = match[2] ?? match[3]!
  const port = Number(match[4])
  const directoryId = parseUuid(match[5]!)
  if (nodeId > 0x7fffffff) return `'${text}': node id ${nodeId} is beyond 2147483647`
  if (host === '') return `'${text}' names no host`
  if (port > 65535) return `'${text}': port ${port} is beyond 65535`
  if (directoryId === undefined) return `'${text}': ${match[5]} is not a directory id`
  return { nodeId, host, port, directoryId }
}

/** As it stands in the voters record. Listener names are upper case there. */
export const initialVoter = ({ nodeId, host, port, directoryId }: InitialController, listenerName: string): Voter => ({
  id: nodeId,
  directoryId,
  endpoints: [{ name: listenerName.toUpperCase(), host: expandIpv6(host), port }],
  kraftVersionMin,
  kraftVersionMax,
})

/** An IPv6 address as Java writes it, all eight groups: `0:0:0:0:0:0:0:1`. Anything else stays as it is. */
const expandIpv6 = (host: string): string => {
  const halves = host.split('::')
  if (!/^[0-9a-fA-F:]{2,39}$/.test(host) || halves.length > 2) return host
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = tail === undefined ? 0 : 8 - head!.length - tail.length
  const groups = [...head!, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...(tail ?? [])]
  if (groups.length !== 8 || !groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return host
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')
}
