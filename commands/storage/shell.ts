import {
  BaseCommand,
  Flags,
  loadMetadataShell,
  printableLines,
  type ShellAnswer,
  type ShellEntry,
  textArgs,
  usageFault,
} from '../../src/cli/index.ts'

export default class StorageShell extends BaseCommand {
  static override summary = 'look into the metadata of a cluster as into folders and files'
  static override description =
    'The metadata is replayed from a snapshot, or from a log directory: its latest snapshot and the log from there on. Nothing is locked or changed. A command after the flags is answered at once; without one there is a prompt, where Tab completes and help lists the commands: ls, cd, cat, pwd, find, tree, man, history, exit.'
  static override examples = [
    '<%= config.bin %> storage shell --directory /var/lib/kafka/__cluster_metadata-0',
    {
      description: 'One command:',
      command: '<%= config.bin %> storage shell --snapshot 00000000000000000092-0000000001.checkpoint ls /brokers',
    },
    {
      description: 'Partition 0 of a topic, for a program:',
      command: '<%= config.bin %> storage shell -d /var/lib/kafka cat /topics/orders/0 --json',
    },
    { description: 'From a script:', command: "printf 'cd /topics\\nls\\n' | <%= config.bin %> storage shell -d /var/lib/kafka" },
  ]
  static override args = { command: textArgs('a command of the shell, with its arguments') }
  static override flags = {
    snapshot: Flags.string({ char: 's', summary: 'a snapshot, ….checkpoint', helpValue: 'FILE' }),
    directory: Flags.string({
      char: 'd',
      summary: '__cluster_metadata-0, or the log directory that it is in',
      helpValue: 'DIR',
    }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(StorageShell)
    const { snapshot, directory } = flags
    if ((snapshot === undefined) === (directory === undefined))
      throw usageFault('which metadata?', 'Give --snapshot FILE, or --directory DIR.')
    const { loadDirectory, loadSnapshotFile, MetadataShell, metadataTree } = await loadMetadataShell()
    const { disk } = await this.shell.host()
    const loaded = snapshot === undefined ? await loadDirectory(disk, directory!) : await loadSnapshotFile(disk, snapshot)
    if (loaded.unread !== null) this.tell(`not read: ${loaded.unread}`, 'always')
    const { stdout } = this.shell
    const shell = new MetadataShell(metadataTree(loaded), stdout.isTTY === true ? (stdout.columns ?? 80) : undefined)
    if (argv.length > 0) return this.#answer(shell.run(argv))
    if (this.output !== 'text') throw usageFault(`--output ${this.output} is for one command`, 'Name it behind the flags: ls /brokers.')
    const { createInterface } = await import('node:readline')
    const terminal = this.shell.stdin.isTTY === true && stdout.isTTY === true
    const lines = createInterface({
      ...{ input: this.shell.stdin, prompt: '>> ', terminal, ...(terminal && { output: stdout }) },
      completer: (line: string) => shell.complete(line),
    })
    lines.on('SIGINT', () => lines.close())
    if (terminal) lines.prompt()
    for await (const line of lines) {
      await this.#answer(shell.line(line))
      if (shell.isOver) break
      if (terminal) lines.prompt()
    }
    lines.close()
    // Whoever types sees at once what went wrong.
    if (terminal) this.shell.exitCode = 0
  }

  async #answer({ entries, text, errors }: ShellAnswer): Promise<void> {
    if (this.output === 'text' && !this.wantsRows) {
      await this.write(printableLines(text))
      for (const error of errors) this.tell(error, 'always')
      if (errors.length > 0) this.shell.exitCode = 1
      return
    }
    await this.render<ShellEntry>({
      kind: 'MetadataEntries',
      items: entries,
      errors: errors.map((message) => ({ item: '', code: null, name: null, message, retriable: false })),
      columns: [
        { name: 'PATH', value: ({ path }) => path },
        { name: 'KIND', value: ({ kind }) => kind },
        { name: 'CONTENT', value: ({ content }) => (content === undefined ? null : JSON.stringify(content)) },
      ],
    })
  }
}
