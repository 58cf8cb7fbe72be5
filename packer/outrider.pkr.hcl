# Boots the built disk through an overlay and lets the appliance test itself. Only after that is the disk
# published.
# For Packer 1.6.6 (Debian 12) and current releases: pass this file alone, and run `packer init` on the
# folder plugins.

variable "overlay" {
  type        = string
  description = "A qcow2 whose backing file is the disk. Packer copies and boots the overlay, so that the disk stays as it is."
}

variable "accelerator" {
  type    = string
  default = "tcg"
}

variable "work_folder" {
  type        = string
  description = "A folder for the overlay's copy and for what the two serial ports say."
}

variable "publish" {
  type        = string
  description = "The command that reads the self-test's answer and makes the files that ship."
}

source "qemu" "outrider" {
  disk_image       = true
  iso_url          = var.overlay
  iso_checksum     = "none"
  format           = "qcow2"
  skip_compaction  = true
  output_directory = "${var.work_folder}/packer"
  vm_name          = "outrider.qcow2"

  accelerator    = var.accelerator
  memory         = 2048
  cpus           = 2
  disk_interface = "virtio"
  disk_cache     = "unsafe"
  net_device     = "e1000"
  headless       = true
  # Without this, Packer connects to the screen at once and gives up when it cannot.
  disable_vnc = true

  # Packer cannot log in. The SMBIOS string asks the appliance to test itself; it writes the result to the
  # second serial port and powers off.
  communicator     = "none"
  shutdown_timeout = "15m"
  qemuargs = [
    ["-cpu", "max"],
    ["-smbios", "type=11,value=io.systemd.credential:outrider.selftest=poweroff"],
    ["-serial", "file:${var.work_folder}/console.log"],
    ["-serial", "file:${var.work_folder}/selftest.log"],
    ["-nic", "user,model=virtio-net-pci,restrict=on"],
  ]
}

build {
  sources = ["source.qemu.outrider"]

  post-processor "shell-local" {
    inline = [var.publish]
  }
}
