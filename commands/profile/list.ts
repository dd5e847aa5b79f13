import { loadProfiles, ProfileCommand } from '../../src/cli/index.ts'

export default class ProfileList extends ProfileCommand {
  static override summary = 'list the profiles, the current one marked'
  static override examples = ['<%= config.bin %> profile list', '<%= config.bin %> profile list --output json']

  async run(): Promise<void> {
    await this.read(ProfileList)
    const { profileReport, profileView } = await loadProfiles()
    const { all, current } = await this.profiles()
    if (all.length === 0) this.tell('there are no profiles: tkafka profile create makes one')
    await this.render(profileView(all.map((each) => profileReport(each, current))))
  }
}
