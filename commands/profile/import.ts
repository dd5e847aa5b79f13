import {
  Args,
  dryRunFlag,
  Flags,
  type ImportFormat,
  loadProfileImport,
  loadProfiles,
  ProfileCommand,
  textArg,
  usageFault,
} from '../../src/cli/index.ts'

export default class ProfileImport extends ProfileCommand {
  static override summary = 'take over the clusters that rpk, kaf, kcl, kafkactl or a .properties file knows'
  static override description =
    'Passwords that stand there as they are go to files of their own that only you can read, and the profile refers to those. Without FILE: where the program keeps its file.'
  static override examples = [
    '<%= config.bin %> profile import rpk',
    { description: 'What would come of it:', command: '<%= config.bin %> profile import kaf ~/.kaf/config --dry-run' },
    {
      description: 'A client configuration, under a name:',
      command: '<%= config.bin %> profile import properties client.properties --name staging',
    },
  ]
  static override args = {
    format: Args.string({
      description: 'rpk, kaf, kcl, kafkactl or properties',
      ignoreStdin: true,
      required: true,
      options: ['rpk', 'kaf', 'kcl', 'kafkactl', 'properties'],
    }),
    file: textArg('the file'),
  }
  static override flags = {
    name: Flags.string({ summary: 'of the profile; of several: what comes before their names', helpValue: 'NAME' }),
    replace: Flags.boolean({ summary: 'profiles of the same names may be there already' }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(ProfileImport)
    const { keepSecrets, ProfileEditor, profileReport, profileView, userFile } = await loadProfiles()
    const { importedProfiles } = await loadProfileImport()
    const format = args.format as ImportFormat
    const { profiles, current, remarks } = await importedProfiles(this.shell, format, args.file, flags.name)
    for (const remark of remarks) this.tell(remark)
    if (profiles.length === 0) throw usageFault('there is nothing to take over')
    const editor = await ProfileEditor.open(this.shell)
    const there = profiles.filter(({ name }) => editor.has(name)).map(({ name }) => name)
    if (there.length > 0 && !flags.replace) throw usageFault(`there is a profile ${there.join(', ')} already`, 'Say --replace, or --name.')
    const isFirst = editor.count === 0
    const kept = await keepSecrets(this.shell, profiles, flags['dry-run'])
    for (const profile of kept) editor.put(profile)
    const chosen = isFirst ? (current ?? kept[0]!.name) : undefined
    if (chosen !== undefined) editor.use(chosen)
    if (!flags['dry-run']) await editor.save()
    const file = { path: userFile(this.shell), scope: 'user' as const, current: null, profiles: kept, remarks: [] }
    await this.render(profileView(kept.map((profile) => profileReport({ profile, file }, chosen))))
  }
}
