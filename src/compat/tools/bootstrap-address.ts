import type { CommandLine } from '../options/command-line.ts'

/** Some tools look at the address before they use it. */
export function checkBootstrapServer(line: CommandLine, server: string | undefined): void {
  if (server === undefined || server.trim() === '') line.usage('Error while validating the bootstrap address\n')
  const addresses = server.includes(',') ? server.replace(/,+$/, '').split(',') : [server]
  const hasPort = (address: string): boolean => /^(?:[0-9A-Za-z+.-]*:\/\/)?\[?([0-9A-Za-z\-._%:]*)\]?:([0-9]+)$/.test(address)
  if (!addresses.every(hasPort)) line.usage('Please provide valid host:port like host1:9091,host2:9092\n')
}
