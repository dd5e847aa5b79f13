import { DebugCommand, loadDebug, messageFlags, textArg } from '../../src/cli/index.ts'

export default class DebugDecode extends DebugCommand {
  static override summary = 'show captured protocol bytes as JSON'
  static override description =
    'Reads hexadecimal bytes and prints JSON in the shape of Kafka’s own converters. 64-bit integers are exact, as bare numbers. With --input ndjson each line {"message","version","hex"} is answered in order by {"message","version","json"}, or by {"message","version","error"}.'
  static override examples = [
    {
      description: 'The body of a request',
      command: '<%= config.bin %> debug decode --api ApiVersions --version 0 --type response 0000000000000000',
    },
    {
      description: 'A record of the metadata log',
      command: 'xxd -p record.bin | <%= config.bin %> debug decode --message RegisterBrokerRecord --version 3',
    },
    {
      description: 'A whole request, with size and header; it says itself what it is',
      command: 'xxd -p frame.bin | <%= config.bin %> debug decode --frame',
    },
    { description: 'Many messages', command: '<%= config.bin %> debug decode --input ndjson < captured.ndjson' },
  ]
  static override args = { hex: textArg('bytes in hexadecimal; default: standard input') }
  static override flags = messageFlags

  async run(): Promise<void> {
    const { flags, args } = await this.read(DebugDecode)
    const which = this.which(flags)
    if (flags.input === 'ndjson') return this.convertLines('decode', flags.frame, which)
    const { decodeBody, decodeFrame, messageKind, parseHex, printJson } = await loadDebug()
    const kind = flags.frame ? undefined : await messageKind(which)
    const bytes = parseHex(await this.input(args.hex, 'hexadecimal text'))
    const json = kind === undefined ? await decodeFrame(which, bytes) : decodeBody(kind, bytes)
    await this.write(printJson(json, this.output))
  }
}
