import { confirmFlags, counted, dryRunFlag, loadProfiles, ProfileCommand, textArgs, usageFault } from '../../src/cli/index.ts'

export default class ProfileDelete extends ProfileCommand {
  static override summary = 'delete profiles; the clusters stay as they are'
  static override examples = ['<%= config.bin %> profile delete staging', '<%= config.bin %> profile delete staging --yes']
  static override args = { name: textArgs('profiles') }
  static override flags = { ...confirmFlags, 'dry-run': dryRunFlag }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(ProfileDelete)
    const names = [...new Set(argv)]
    if (names.length === 0) throw usageFault('which profiles?', 'Name at least one.')
    const { keptSecrets, ProfileEditor, profileReport, profileView } = await loadProfiles()
    const { all, current } = await this.profiles()
    const editor = await ProfileEditor.open(this.shell)
    const found = names.map((name) => {
      const chosen = all.find(({ profile }) => profile.name === name)
      if (chosen === undefined) throw this.unknownProfile(name, all)
      if (!editor.has(name)) throw usageFault(`${name} stands in ${chosen.file.path}`, 'Take it out there.')
      return chosen
    })
    const secrets = keptSecrets(
      this.shell,
      found.map(({ profile }) => profile),
      all.flatMap(({ profile }) => (names.includes(profile.name) ? [] : [profile])),
    )
    if (!flags['dry-run']) {
      const plan = [...names.map((name) => `${name} of ${editor.path}`), ...secrets]
      await this.confirm(flags, plan, `Delete ${counted(names.length, 'profile')}?`)
      for (const name of names) editor.remove(name)
      await editor.save()
      const { disk } = await this.shell.host()
      for (const path of secrets) await disk.remove(path)
    }
    await this.render(profileView(found.map((each) => profileReport(each, current))))
  }
}
