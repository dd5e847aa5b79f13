import { EMBEDDED_STATUS_PORT } from './embedded.ts'
import type { Node } from './node.ts'

const LABEL_WIDTH = 14

/** What a node says of itself when it serves, one line a fact: enough to connect to it, find its data and ask how it is. */
export const startSummary = ({ running, settings, clusterId, formatted }: Node, version: string): string[] => {
  const line = (label: string, text: string): string => `  ${label.padEnd(LABEL_WIDTH)}${text}`
  const listeners = settings.listeners.map(({ name, host, securityProtocol, isController }) => {
    const port = running.address(name)?.port
    const bound = `${host === '' ? '*' : host.includes(':') ? `[${host}]` : host}:${port}`
    return line(
      isController ? 'controller' : 'listener',
      `${bound}  (${name === securityProtocol ? name : `${name}, ${securityProtocol}`})`,
    )
  })
  const status = running.status?.address
  return [
    `tkafka ${version}: node ${settings.nodeId} is serving`,
    ...listeners,
    ...settings.logDirs.map((path) => line('data', `${path}${formatted ? '  (new)' : ''}`)),
    ...(settings.logDirs.includes(settings.metadataLogDir) ? [] : [line('metadata', settings.metadataLogDir)]),
    line('cluster id', clusterId),
    line('status', status === undefined ? statusOff(running) : `http://${status.host}:${status.port}/metrics  /health  /ready  /status`),
  ]
}

const statusOff = ({ config }: Node['running']): string => {
  const wanted = config.get('tkafka.status.listener')
  return wanted === ''
    ? `off  (set tkafka.status.listener=127.0.0.1:${EMBEDDED_STATUS_PORT} for metrics and health)`
    : `off  (${wanted} cannot be had: set tkafka.status.listener to another HOST:PORT, or to nothing)`
}
