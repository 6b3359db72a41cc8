"""A contact is readable only with the key, only where it belongs, and outlives a change of keys."""

import base64
from dataclasses import fields, replace
from pathlib import Path
from threading import Barrier, Thread

import pytest
from flask import Flask

from evalsys.app import create_app
from evalsys.kernel import masking, receivers, sealing
from evalsys.kernel.sealing import CannotOpen
from evalsys.kernel.settings import Settings

NUMBER = "13812341234"
OLD, NEW = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))


AES, SM4 = "aes-256-gcm", "sm4-gcm"


def site(folder: Path, keys: str = "", cipher: str = AES) -> Flask:
    settings = Settings(instance=folder, secret_key="x" * 32, contact_cipher=cipher)
    return create_app(replace(settings, contact_keys=receivers.keys(keys)) if keys else settings)


def test_a_sealed_number_does_not_show_and_opens_again(tmp_path: Path) -> None:
    with site(tmp_path, f"old:{OLD}").app_context():
        blob, again = sealing.seal(NUMBER, "case 1"), sealing.seal(NUMBER, "case 1")
        assert NUMBER.encode() not in blob
        assert b"old" in blob
        assert blob != again
        assert sealing.open_sealed(blob, "case 1") == NUMBER
    assert not (tmp_path / sealing.KEPT_KEY).exists()


@pytest.mark.parametrize("cipher", [AES, SM4])
def test_what_belongs_elsewhere_or_was_changed_does_not_open(tmp_path: Path, cipher: str) -> None:
    with site(tmp_path, f"old:{OLD}", cipher).app_context():
        blob = sealing.seal(NUMBER, "case 1")
        with pytest.raises(CannotOpen, match="不属于这里"):
            sealing.open_sealed(blob, "case 2")
        for place in range(len(blob)):
            broken = bytearray(blob)
            broken[place] ^= 1
            with pytest.raises(CannotOpen):
                sealing.open_sealed(bytes(broken), "case 1")
            with pytest.raises(CannotOpen):
                sealing.open_sealed(blob[:place], "case 1")


def test_the_first_key_seals_and_each_one_opens(tmp_path: Path) -> None:
    with site(tmp_path, f"old:{OLD}").app_context():
        blob = sealing.seal(NUMBER, "case 1")
    with site(tmp_path, f"new:{NEW},old:{OLD}").app_context():
        assert sealing.open_sealed(blob, "case 1") == NUMBER
        renewed = sealing.reseal(blob, "case 1")
        assert sealing.reseal(renewed, "case 1") == renewed
    with site(tmp_path, f"new:{NEW}").app_context():
        assert sealing.open_sealed(renewed, "case 1") == NUMBER
        with pytest.raises(CannotOpen, match="缺少编号为“old”的密钥"):
            sealing.open_sealed(blob, "case 1")


def test_with_either_cipher_what_the_other_sealed_opens_and_is_sealed_anew(tmp_path: Path) -> None:
    with site(tmp_path, f"old:{OLD}").app_context():
        blob = sealing.seal(NUMBER, "case 1")
    with site(tmp_path, f"old:{OLD}", SM4).app_context():
        assert sealing.open_sealed(blob, "case 1") == NUMBER
        renewed = sealing.reseal(blob, "case 1")
        assert renewed != blob
        assert NUMBER.encode() not in renewed
        assert sealing.reseal(renewed, "case 1") == renewed
    with site(tmp_path, f"new:{NEW},old:{OLD}").app_context():
        assert sealing.open_sealed(renewed, "case 1") == NUMBER
        assert (sealing.key_id_of(renewed), sealing.key_ids()) == ("old", ("new", "old"))
    with pytest.raises(ValueError, match="sm4-gcm"):
        settings_reader("des")


def settings_reader(cipher: str) -> object:
    return next(one for one in fields(Settings) if one.name == "contact_cipher").metadata["read"](cipher)


def test_without_a_setting_the_site_makes_a_key_and_keeps_it_to_itself(tmp_path: Path) -> None:
    with site(tmp_path).app_context():
        blob = sealing.seal(NUMBER, "case 1")
    kept = tmp_path / sealing.KEPT_KEY
    assert kept.stat().st_mode & 0o077 == 0
    with site(tmp_path).app_context():
        assert sealing.open_sealed(blob, "case 1") == NUMBER
    # A key that is set later seals from then on; what was sealed before still opens.
    with site(tmp_path, f"new:{NEW}").app_context():
        assert sealing.open_sealed(blob, "case 1") == NUMBER
        assert sealing.reseal(blob, "case 1") != blob


def test_two_processes_that_need_a_key_at_once_make_one(tmp_path: Path) -> None:
    app, all_at_once, blobs = site(tmp_path), Barrier(8), []

    def seal() -> None:
        with app.app_context():
            all_at_once.wait()
            blobs.append(sealing.seal(NUMBER, "case 1"))

    threads = [Thread(target=seal) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert [sealing.open_sealed(blob, "case 1") for blob in blobs] == [NUMBER] * 8
    assert [file.name for file in tmp_path.glob("contact-key*")] == [sealing.KEPT_KEY]


@pytest.mark.parametrize(
    "said", ["old", "old:abc", f"old:{OLD[:-4]}", f"o ld:{OLD}", f":{OLD}", f"a:{OLD},a:{NEW}"]
)
def test_a_faulty_key_is_refused_and_not_repeated(said: str) -> None:
    with pytest.raises(ValueError, match=r"needs|twice") as fault:
        receivers.keys(said)
    assert OLD not in str(fault.value)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812341234", "138****1234"),
        ("138 1234 1234", "138****1234"),
        ("+86-13812341234", "138****1234"),
        ("138１２３４１２３４", "138****1234"),
        ("0571-88001234", "****34"),
        ("12345", "****"),
        ("not a number", "****"),
        ("", "****"),
    ],
)
def test_a_masked_number_is_recognised_and_cannot_be_dialled(number: str, shown: str) -> None:
    assert masking.phone(number) == shown
