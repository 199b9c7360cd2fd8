//! Faces: views of a plan, a status, a run, and how they are shown. Faces only render; no face computes.
