# For current releases of Packer only: `packer init packer/plugins`. Packer 1.6.6 has the builder built in
# and does not know this block.
packer {
  required_plugins {
    qemu = {
      source  = "github.com/hashicorp/qemu"
      version = "~> 1"
    }
  }
}
