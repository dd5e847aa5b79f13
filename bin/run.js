#!/usr/bin/env node
// The launcher of the built code. An older Node hands over to the pinned one; a right one pays for nothing but this comparison.
import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

if (Number.parseInt(process.versions.node, 10) < 24) {
  const { handOverProgram } = await import('./runtime.js')
  await handOverProgram(fileURLToPath(import.meta.url))
} else {
  // Node's four threads for files would all be waiting in syncs now and then. Counts when set before the first is started.
  process.env.UV_THREADPOOL_SIZE ??= '16'
  // In the user's own cache: a compile cache in a shared /tmp could be prepared by someone else.
  module.enableCompileCache(
    process.env.NODE_COMPILE_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tkafka', 'compiled'),
  )
  if (process.channel !== undefined) (await import('./runtime.js')).endWithLauncher()
  const { main } = await import('../dist/src/cli/main.js')
  await main(process.argv.slice(2))
}
