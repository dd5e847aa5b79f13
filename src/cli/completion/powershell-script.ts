import type { connectionFlags } from '../flags.ts'
import type { CompletionTable } from './completion-table.ts'
import { wordsOf } from './posix-script.ts'

const list = (flag: keyof typeof connectionFlags): string =>
  wordsOf(flag)
    .map((word) => `'${word}'`)
    .join(', ')

/** As the function of the other shells, in PowerShell. */
export function powershellScript({ entries, words, steps, output, connection }: CompletionTable): string {
  const table = {
    words,
    steps,
    shared: {
      flags: [...output.flags, ...connection.flags],
      valued: [...output.valued, ...connection.valued, '-b', '-F', '-X', '-o'],
      hints: { ...output.hints, ...connection.hints },
    },
    commands: Object.fromEntries(
      entries.map(({ command, flags, valued, hints, operand, isOfCluster }) => [
        command,
        {
          flags: [...flags, ...output.flags, ...(isOfCluster ? connection.flags : [])],
          valued: [...valued, ...output.valued, ...(isOfCluster ? connection.valued : [])],
          hints: { ...output.hints, ...(isOfCluster ? connection.hints : {}), ...hints },
          operand,
        },
      ]),
    ),
  }
  return `# tkafka in PowerShell: tkafka completion powershell | Out-String | Invoke-Expression, in your $PROFILE.
# It starts no program: names come from files that the last listing left.
$script:tkafkaTable = '${JSON.stringify(table).replace(/'/g, "''")}' | ConvertFrom-Json -AsHashtable
Register-ArgumentCompleter -Native -CommandName tkafka -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $table = $script:tkafkaTable
  $before = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  $path = ''; $flag = ''; $rest = $false
  $server = ''; $pair = ''; $profileName = ''; $config = ''; $elsewhere = $false
  $known = $table.shared
  $note = {
    param($name, $value)
    $value = $value -replace "^['\`"]|['\`"]$", ''
    if ($name -cin ${list('bootstrap-server')}) { if ($known.hints[$name] -cne 'brokers') { $server = $value } }
    elseif ($name -cin ${list('profile')}) { $profileName = $value }
    elseif ($name -cin ${list('command-config')}) { $config = $value }
    elseif ($name -cin ${list('bootstrap-controller')}) { $elsewhere = $true }
    elseif ($name -cin ${list('command-property')}) {
      if ($value.StartsWith('bootstrap.servers=')) { $pair = $value.Substring(18) -replace "^['\`"]", '' }
      elseif ($value.StartsWith('bootstrap.controllers=')) { $elsewhere = $true }
    }
  }
  foreach ($word in $before) {
    if ($flag) {
      . $note $flag $word
      $flag = ''
    } elseif ($word -cmatch '^(--[^=]+)=(.*)$' -or $word -cmatch '^(-[bFX])(.+)$') {
      . $note $Matches[1] $Matches[2]
    } elseif ($word.StartsWith('-')) {
      if ($known.valued -ccontains $word) { $flag = $word }
    } elseif (-not $rest -and $table.steps.ContainsKey("$path/$word")) {
      $path = $table.steps["$path/$word"]
      if ($table.commands.ContainsKey($path)) { $known = $table.commands[$path] }
    } else { $rest = $true }
  }
  $names = {
    param($hint)
    if (-not $hint) { return }
    if ($hint -notin 'topics', 'groups', 'brokers', 'profiles') { return $hint.Split(',') }
    $base = if ($env:XDG_CACHE_HOME) { $env:XDG_CACHE_HOME } else { Join-Path $HOME '.cache' }
    if ($hint -eq 'profiles') { $file = 'profiles' }
    elseif ($elsewhere) { return }
    else {
      $named = if ($profileName -cne 'none') { $profileName } else { '' }
      $ofEnvironment = if ($env:TKAFKA_BOOTSTRAP_SERVER) { $env:TKAFKA_BOOTSTRAP_SERVER } else { $env:TKAFKA_X_BOOTSTRAP_SERVERS }
      $here = (Get-Location -PSProvider FileSystem).ProviderPath
      if ($server -or $pair) { $key = "server-$(if ($server) { $server } else { $pair })" }
      elseif (-not $named -and $ofEnvironment) { $key = "server-$ofEnvironment" }
      else {
        $key = if ($named) { "profile-$named" }
          elseif ($profileName -ceq 'none' -or $config -or $env:TKAFKA_PROFILE -ceq 'none') { 'none' }
          elseif ($env:TKAFKA_PROFILE) { "profile-$env:TKAFKA_PROFILE" }
          else { 'default' }
        $folder = if ($key -cne 'none' -and (Test-Path -LiteralPath (Join-Path $here '.tkafka.yaml'))) { "@$here" } else { '' }
        if ($ofEnvironment) { $key += "@$ofEnvironment" }
        $key += $folder
        $settings = if ($config) { $config } else { $env:TKAFKA_CONFIG }
        if ($settings -and $settings.StartsWith('~/')) { $settings = "$HOME/$($settings.Substring(2))" }
        if ($settings) { $key += if ([IO.Path]::IsPathRooted($settings)) { "@$settings" } else { "@$here/$settings" } }
      }
      $key = [Text.Encoding]::GetEncoding(28591).GetString([Text.Encoding]::UTF8.GetBytes($key))
      $key = $key.Replace('_', '__').Replace('/', '_s').Replace(':', '_c').Replace(',', '_k').Replace('@', '_a') -creplace '[^A-Za-z0-9._-]', '_x'
      $file = "$key.$hint"
    }
    $path = Join-Path $base (Join-Path 'tkafka' (Join-Path 'names' $file))
    if (Test-Path -LiteralPath $path) { Get-Content -LiteralPath $path }
  }
  $candidates = if ($flag) { & $names $known.hints[$flag] }
    elseif ($wordToComplete.StartsWith('-')) { $known.flags }
    elseif (-not $rest -and $table.words.ContainsKey($path)) { $table.words[$path] }
    else { & $names $known.operand }
  $candidates | Where-Object { $_ -and $_.StartsWith($wordToComplete) } | ForEach-Object {
    $text = if ($_ -cmatch '[^A-Za-z0-9._,/@%+=:-]') { "'" + $_.Replace("'", "''") + "'" } else { $_ }
    [System.Management.Automation.CompletionResult]::new($text, $_, 'ParameterValue', $_)
  }
}
`
}
