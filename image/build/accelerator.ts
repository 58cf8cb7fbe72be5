import { execa } from "execa";

export type Accelerator = "kvm" | "tcg";

/** Enough for a kernel to start on a busy machine with KVM; far too short without KVM. */
const probeMs = 20_000;

/**
 * Whether KVM runs a guest here. The device file alone proves little: it can exist and open, and
 * every guest still hang or abort. So this boots the appliance's own kernel without a root file
 * system, and waits for the kernel's message that it finds none.
 */
export async function probeAccelerator(kernel: string): Promise<Accelerator> {
  const guest = await execa(
    "qemu-system-x86_64",
    [
      ...[
        "-accel",
        "kvm",
        "-cpu",
        "max",
        "-m",
        "256",
        "-nodefaults",
        "-display",
        "none",
        "-serial",
        "stdio",
        "-no-reboot",
      ],
      ...["-kernel", kernel, "-append", "console=ttyS0 panic=-1"],
    ],
    { reject: false, timeout: probeMs, forceKillAfterDelay: 1_000, stdin: "ignore" },
  );
  return guest.exitCode === 0 && guest.stdout.includes("Kernel panic") ? "kvm" : "tcg";
}
