import { loadProfiles, loadYaml, ProfileCommand, textArg, usageFault } from '../../src/cli/index.ts'

export default class ProfileShow extends ProfileCommand {
  static override summary = 'show a profile, without secrets'
  static override examples = [
    { description: 'The current one:', command: '<%= config.bin %> profile show' },
    '<%= config.bin %> profile show prod-eu --output json',
  ]
  static override args = { name: textArg('a profile; default: the current one') }

  async run(): Promise<void> {
    const { args } = await this.read(ProfileShow)
    const { profileFields, profileReport, profileShown } = await loadProfiles()
    const { all, current } = await this.profiles()
    const name = args.name ?? current
    if (name === undefined) throw usageFault('no profile is current', 'Name one, or see tkafka profile use.')
    const found = all.find(({ profile }) => profile.name === name)
    if (found === undefined) throw this.unknownProfile(name, all)
    const { toYaml } = await loadYaml()
    await this.render(
      profileShown([profileReport(found, current)], async ({ current: _, file, ...profile }) => {
        return `# ${file}${toYaml(profileFields(profile))}`
      }),
    )
  }
}
