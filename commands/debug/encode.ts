import { DebugCommand, loadDebug, messageFlags, textArg } from '../../src/cli/index.ts'

export default class DebugEncode extends DebugCommand {
  static override summary = 'make protocol bytes of JSON'
  static override description =
    'Reads JSON in the shape of Kafka’s own converters and prints hexadecimal bytes. With --input ndjson each line {"message","version","json"} is answered in order by {"message","version","hex"}, or by {"message","version","error"}.'
  static override examples = [
    {
      description: 'The body of a request',
      command: '<%= config.bin %> debug encode --api Metadata --version 0 \'{"topics":[]}\'',
    },
    {
      description: 'A whole frame, as debug decode --frame prints it',
      command: '<%= config.bin %> debug encode --frame < frame.json | xxd -r -p',
    },
    { description: 'Many messages', command: '<%= config.bin %> debug encode --input ndjson < messages.ndjson' },
  ]
  static override args = { json: textArg('the message as JSON; default: standard input') }
  static override flags = messageFlags

  async run(): Promise<void> {
    const { flags, args } = await this.read(DebugEncode)
    const which = this.which(flags)
    if (flags.input === 'ndjson') return this.convertLines('encode', flags.frame, which)
    const { encodeBody, encodeFrame, messageKind, readJson } = await loadDebug()
    const kind = flags.frame ? undefined : await messageKind(which)
    const json = readJson(await this.input(args.json, 'JSON'))
    const bytes = kind === undefined ? await encodeFrame(which, json) : encodeBody(kind, json)
    await this.write(`${bytes.toString('hex')}\n`)
  }
}
