"""Numbers of law and of the agency as data: dates of force, legal basis, who set them. Causes and letter forms too."""
