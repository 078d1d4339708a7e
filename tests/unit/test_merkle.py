"""The tree over all entries: roots known from elsewhere, proofs of every leaf and size, and none that is forged."""

import pytest

from workflow.history import merkle

LEAVES = [
    bytes.fromhex(each)
    for each in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Of trees of 0 to 8 of these leaves: the vectors of the Certificate Transparency project."""
MANY = 70


def nodes_of(leaves):
    hashes = [merkle.leaf_hash(each) for each in leaves]
    return lambda level, place: merkle.fold(hashes[place << level : (place + 1) << level])


MANY_LEAVES = [number.to_bytes(2, "big") for number in range(MANY)]
MANY_NODES = nodes_of(MANY_LEAVES)


@pytest.mark.parametrize(("size", "root"), list(enumerate(ROOTS)))
def test_roots_are_those_of_the_vectors(size, root):
    assert merkle.root(size, nodes_of(LEAVES)).hex() == root


def test_every_leaf_of_every_size_is_proved_and_another_is_not():
    for size in range(1, MANY):
        root = merkle.root(size, MANY_NODES)
        for position in range(size):
            proof = merkle.inclusion_proof(position, size, MANY_NODES)
            found = merkle.root_of_inclusion(
                merkle.leaf_hash(MANY_LEAVES[position]), position, size, proof
            )
            assert found == root
            other = merkle.leaf_hash(b"another")
            assert merkle.root_of_inclusion(other, position, size, proof) != root


def test_every_growth_is_proved_and_a_changed_past_is_not():
    for new in range(1, MANY):
        new_root = merkle.root(new, MANY_NODES)
        for old in range(1, new + 1):
            old_root = merkle.root(old, MANY_NODES)
            proof = merkle.consistency_proof(old, new, MANY_NODES)
            assert merkle.is_consistent(old, new, old_root, new_root, proof)
            assert not merkle.is_consistent(old, new, bytes(32), new_root, proof)
            assert not merkle.is_consistent(old, new, old_root, bytes(32), proof)
            if proof:
                assert not merkle.is_consistent(old, new, old_root, new_root, proof[:-1])


@pytest.mark.parametrize(
    ("position", "size", "cut"),
    [(3, 7, slice(0, -1)), (3, 7, slice(1, None)), (0, 1, slice(0, 0))],
)
def test_a_proof_of_another_length_is_refused(position, size, cut):
    proof = merkle.inclusion_proof(position, size, MANY_NODES)
    given = proof[cut] if proof else [bytes(32)]
    with pytest.raises(ValueError, match="proof"):
        merkle.root_of_inclusion(merkle.leaf_hash(b""), position, size, given)
    with pytest.raises(ValueError, match="proof"):
        merkle.root_of_inclusion(merkle.leaf_hash(b""), position, size, [*proof, bytes(32)])


@pytest.mark.parametrize(("position", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_that_is_not_there_has_no_proof(position, size):
    with pytest.raises(ValueError, match="not among"):
        merkle.inclusion_proof(position, size, MANY_NODES)
    with pytest.raises(ValueError, match="not among"):
        merkle.root_of_inclusion(b"", position, size, [])


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (-1, 3)])
def test_a_tree_that_shrinks_is_not_consistent(old, new):
    assert not merkle.is_consistent(old, new, b"", b"", [])
    with pytest.raises(ValueError, match="does not grow"):
        merkle.consistency_proof(old, new, MANY_NODES)
