# Boots the disk that was built, below an overlay, lets the appliance test itself, and only then has the disk below published.
# For Packer 1.6.6 (Debian 12) and for current releases: give it this file alone, and `packer init` the folder plugins.

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
  # Packer would otherwise connect to the screen at once, and give up when it cannot.
  disable_vnc = true

  # No way in: the appliance tests itself, because the SMBIOS string asks for it, answers on the second serial port and powers off.
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
