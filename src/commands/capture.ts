import * as Flags from '@oclif/core/flags';
import { afterDashes } from '../cli/after-dashes.js';
import { requiredWord, word } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { callersIds } from '../cli/environment.js';
import { capture, type CaptureCall } from '../lifecycle/network/capture.js';

export default class Capture extends BaseCommand {
  static override summary = "show or save a cluster's packets, by the machine's tcpdump";
  static override description = `Of one node as it sees them, or without a node of all, on the cluster's bridge (with zones or routed at all links, each packet once). What stands after -- is a filter in tcpdump's own words (pcap-filter). It goes on until Ctrl-C; streams, signals and the exit code are passed on.
With -w the packets go to a file that is yours alone (0600; under sudo it belongs to who called), or with '-w -' to stdout.`;
  static override examples = [
    '<%= config.bin %> capture pxc node1 --port replication',
    '<%= config.bin %> capture pxc -w traffic.pcap',
    '<%= config.bin %> capture replication node2 --port client -- host 10.200.0.2',
    '<%= config.bin %> capture pxc node1 -w - | wireshark -k -i -',
  ];
  static override enableJsonFlag = false;
  static override strict = false;
  static override args = {
    cluster: requiredWord('name of the cluster'),
    node: word("name of the node; the cluster's bridge when absent"),
  };
  static override flags = {
    write: Flags.string({ char: 'w', summary: 'save the packets instead; - is stdout', helpValue: 'FILE' }),
    port: Flags.string({
      summary: 'of this port alone: client, replication and the like, or a number (repeatable)',
      helpValue: 'PORT',
      multiple: true,
      multipleNonGreedy: true,
    }),
  };

  async run(): Promise<void> {
    const { before, after } = afterDashes(this.argv);
    const { args, flags } = await this.parse(Capture, [...before]);
    process.exitCode = await capture(this.machine, {
      ...{ cluster: args.cluster, node: args.node, ports: flags.port ?? [], filter: after },
      output: outputOf(flags.write),
    });
  }
}

function outputOf(file: string | undefined): CaptureCall['output'] {
  if (file === undefined) return null;
  return file === '-' ? 'stdout' : { path: file, owner: callersIds() };
}
