import { Flags, loadProfiles, ProfileCommand, textArg, usageFault } from '../../src/cli/index.ts'

export default class ProfileUse extends ProfileCommand {
  static override summary = 'make a profile the current one'
  static override description =
    'Commands use the current profile when neither --profile nor TKAFKA_PROFILE names one, and no --command-config is given. A .tkafka.yaml in the working directory comes before your own file.'
  static override examples = [
    '<%= config.bin %> profile use staging',
    { description: 'None any more:', command: '<%= config.bin %> profile use --none' },
  ]
  static override args = { name: textArg('a profile') }
  static override flags = { none: Flags.boolean({ summary: 'no profile is current afterwards' }) }

  async run(): Promise<void> {
    const { flags, args } = await this.read(ProfileUse)
    if ((args.name === undefined) === !flags.none) throw usageFault('which profile?', 'Name one, or say --none.')
    const { ProfileEditor } = await loadProfiles()
    const { all } = await this.profiles()
    if (args.name !== undefined && !all.some(({ profile }) => profile.name === args.name)) throw this.unknownProfile(args.name, all)
    const editor = await ProfileEditor.open(this.shell)
    editor.use(args.name ?? null)
    await editor.save()
    const { current } = await this.profiles()
    const overruled = current !== args.name ? `, but ${current ?? 'none'} stays in use here: see TKAFKA_PROFILE and .tkafka.yaml` : ''
    this.tell(args.name === undefined ? 'no profile is current' : `${args.name} is current${overruled}`)
  }
}
