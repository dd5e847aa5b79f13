import { type Admin, openAdmin } from '../client/admin/index.ts'
import { parseProperties } from '../config/index.ts'
import { isDiskError } from '../host/index.ts'
import { KafkaError } from '../protocol/index.ts'
import { JavaException } from './java/exception.ts'
import type { ToolIo } from './tool.ts'

export type Properties = Record<string, string>

/** All of a file. @throws JavaException as java.nio.file does */
export async function readFile(io: ToolIo, path: string): Promise<Uint8Array> {
  const { disk } = await io.host()
  try {
    return await disk.readFile(path)
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) throw new JavaException('java.nio.file.NoSuchFileException', path)
    if (isDiskError(error, 'EACCES')) throw new JavaException('java.nio.file.AccessDeniedException', path)
    throw new JavaException('java.io.IOException', isDiskError(error, 'EISDIR') ? 'Is a directory' : (error as Error).message)
  }
}

/** The text of a file. @throws JavaException */
export async function readText(io: ToolIo, path: string): Promise<string> {
  const bytes = await readFile(io, path).catch((error: unknown) => {
    if (!(error instanceof JavaException)) throw error
    throw new JavaException('java.io.IOException', `Unable to read file ${path}`, { causedBy: error })
  })
  return Buffer.from(bytes).toString('utf8')
}

/** The properties of a file; none without one. */
export async function loadProperties(io: ToolIo, path: string | undefined): Promise<Properties> {
  return path === undefined ? {} : Object.fromEntries(parseProperties(Buffer.from(await readFile(io, path)).toString('utf8')))
}

/** An administrator with these properties, for as long as `use` takes. */
export async function withAdmin<T>(io: ToolIo, properties: Properties, use: (admin: Admin) => Promise<T>): Promise<T> {
  using admin = openAdminOf(await io.host(), properties)
  return await use(admin)
}

function openAdminOf(host: Parameters<typeof openAdmin>[0], properties: Properties): Admin {
  try {
    return openAdmin(host, { 'client.id': 'adminclient-1', ...properties })
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    const cause = new JavaException('org.apache.kafka.common.config.ConfigException', error.message)
    throw new JavaException('org.apache.kafka.common.KafkaException', 'Failed to create new KafkaAdminClient', { causedBy: cause })
  }
}

/** `bootstrap.servers` or `bootstrap.controllers` in the place of what the file says. */
export function withBootstrap(properties: Properties, server: string | undefined, controller?: string): Properties {
  const { 'bootstrap.servers': _servers, 'bootstrap.controllers': _controllers, ...others } = properties
  if (server !== undefined) return { ...others, 'bootstrap.servers': server }
  return controller === undefined ? properties : { ...others, 'bootstrap.controllers': controller }
}
