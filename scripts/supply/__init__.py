"""What Docent is made of besides its own code: versions, hashes, licences; as a CycloneDX document."""
