import type { CompletionTable } from './completion-table.ts'

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
  $path = ''; $flag = ''; $server = ''; $profileName = ''; $rest = $false
  $known = $table.shared
  foreach ($word in $before) {
    if ($flag) {
      if ($flag -cin '-b', '--bootstrap-server') { $server = $word }
      if ($flag -ceq '--profile') { $profileName = $word }
      $flag = ''
    } elseif ($word -cmatch '^--(profile|bootstrap-server)=(.*)$') {
      if ($Matches[1] -ceq 'profile') { $profileName = $Matches[2] } else { $server = $Matches[2] }
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
    $key = if ($server) { "server-$server" } elseif ($profileName) { "profile-$profileName" } elseif ($env:TKAFKA_BOOTSTRAP_SERVER) { "server-$env:TKAFKA_BOOTSTRAP_SERVER" } elseif ($env:TKAFKA_PROFILE) { "profile-$env:TKAFKA_PROFILE" } else { 'default' }
    $file = if ($hint -eq 'profiles') { 'profiles' } else { ($key -creplace '[^A-Za-z0-9.-]', '_') + ".$hint" }
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
