import * as Args from '@oclif/core/args';
import { BaseCommand } from '../cli/base-command.js';
import { SHELLS, completionScript, type Shell } from '../lifecycle/completion.js';

export default class Autocomplete extends BaseCommand {
  static override summary = 'print the script by which a shell completes dbns';
  static override description = `It completes commands, clusters, nodes, images, flags and their values; the names are those of the moment, and need no root. Without a shell it tells what to type.`;
  static override aliases = ['completion'];
  static override examples = [
    '<%= config.bin %> autocomplete',
    'source <(<%= config.bin %> autocomplete bash)',
    '<%= config.bin %> autocomplete zsh > "${fpath[1]}/_dbns"',
    '<%= config.bin %> autocomplete fish > ~/.config/fish/completions/dbns.fish',
  ];
  static override args = {
    shell: Args.string({ description: 'bash, zsh or fish', options: [...SHELLS], ignoreStdin: true }),
  };

  async run(): Promise<{ shell: Shell | null; script: string | null }> {
    const { args } = await this.parse(Autocomplete);
    const shell = SHELLS.find((name) => name === args.shell) ?? null;
    const script = shell === null ? null : completionScript(shell);
    this.log(script?.trimEnd() ?? INSTRUCTIONS);
    return { shell, script };
  }
}

const INSTRUCTIONS = `bash, in every new shell:   echo 'source <(dbns autocomplete bash)' >> ~/.bashrc
      with bash-completion: dbns autocomplete bash > /etc/bash_completion.d/dbns   (starts faster)
zsh:                        dbns autocomplete zsh > "\${fpath[1]}/_dbns"; autoload -U compinit; compinit
fish:                       dbns autocomplete fish > ~/.config/fish/completions/dbns.fish

Then, in a new shell: dbns <Tab>`;
