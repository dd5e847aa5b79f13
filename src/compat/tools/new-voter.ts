import type { NewVoter } from '../../client/index.ts'
import { isFault, parseListeners } from '../../config/index.ts'
import { readDirectories } from '../../metadata/index.ts'
import type { Properties } from '../admin-session.ts'
import { terse } from '../options/arguments-run.ts'
import type { ToolIo } from '../tool.ts'

const notOfController = 'Is this a valid controller configuration file?'

/** The voter that a controller would be, from its properties and the directory of its metadata log. @throws JavaException */
export async function newVoter(io: ToolIo, properties: Properties): Promise<NewVoter> {
  const idText = properties['node.id']
  if (idText === undefined) throw terse(`node.id not found in configuration file. ${notOfController}`)
  const id = Number(idText)
  if (id < 0) throw terse(`node.id was negative in configuration file. ${notOfController}`)
  if (!(properties['process.roles'] ?? '').includes('controller'))
    throw terse(`process.roles did not contain 'controller' in configuration file. ${notOfController}`)
  const directory = properties['metadata.log.dir'] ?? properties['log.dirs']?.trim().split(',')[0]
  if (directory === undefined) throw terse(`Neither metadata.log.dir nor log.dirs were found. ${notOfController}`)
  return { id, directoryId: await directoryIdOf(io, directory), listeners: listenersOf(properties) }
}

async function directoryIdOf(io: ToolIo, directory: string): Promise<string> {
  const { disk } = await io.host()
  const [state] = await readDirectories(disk, [directory])
  if (state?.kind !== 'formatted') throw terse(`Unable to read meta.properties from ${directory}`)
  if (state.properties.directoryId === undefined) throw terse(`No directory id found in ${directory}`)
  return state.properties.directoryId
}

function listenersOf(properties: Properties): NewVoter['listeners'] {
  const known = new Map<string, { readonly host: string; readonly port: number }>()
  for (const key of ['listeners', 'advertised.listeners']) {
    const texts = (properties[key] ?? '')
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '')
    const listeners = parseListeners(key, texts)
    if (isFault(listeners)) throw terse(listeners.message)
    for (const { name, host, port } of listeners) known.set(name.toUpperCase(), { host, port })
  }
  const names = properties['controller.listener.names']
  if (names === undefined) throw terse(`controller.listener.names was not found. ${notOfController}`)
  return names.split(',').map((each) => {
    const name = each.trim().toUpperCase()
    const found = known.get(name)
    if (found === undefined) throw terse(`Cannot find information about controller listener name: ${name}`)
    return { name, host: found.host === '' ? 'localhost' : found.host, port: found.port }
  })
}
